/** A replacer for JSON.stringify: six significant digits are all that matters, and make a readable diff. */
export const rounded = (_key: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value
