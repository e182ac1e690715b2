/** One JSON object per line, for Workers Logs. Never image content: no samples, no codes, no URLs (they hold codes). */
export function log(line: { event: string; [field: string]: unknown }): void {
  console.log(JSON.stringify(line))
}
