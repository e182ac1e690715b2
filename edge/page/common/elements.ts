/** The page's elements by id. A missing one is a mistake in its HTML, and an error at once. */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} with the id ${id}`)
  return found
}

export const canvas = (id: string) => element(id, HTMLCanvasElement)
export const button = (id: string) => element(id, HTMLButtonElement)
export const input = (id: string) => element(id, HTMLInputElement)
export const text = (id: string) => element(id, HTMLElement)
