/** For JSON.stringify: six significant digits: all that matters, and a readable diff. */
export const rounded = (_key: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value
