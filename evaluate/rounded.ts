/** For JSON.stringify: six significant digits, which is what can be told apart, and a readable diff. */
export const rounded = (_key: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value
