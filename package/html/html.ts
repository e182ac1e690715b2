/**
 * `latent64/html`: previews in HTML that a server sends, shown before any script runs.
 *
 *     <img data-latent64="CODE" src="cat.jpg" alt="A cat" width="900" height="600">
 *
 * gets a `style` whose background is the code's picture. For text, streams, Hono, and Cloudflare's HTMLRewriter.
 */
import { ImageTags } from './image-tags.ts'
import { PagePreviews, type PreviewOptions } from './previews.ts'

export type { PreviewOptions } from './previews.ts'

/** For a whole page. */
export function addPreviews(html: string, options?: PreviewOptions): string {
  const tags = new ImageTags(new PagePreviews(options))
  return tags.push(html) + tags.finish()
}

/** For a page that is streamed: UTF-8 in, UTF-8 out. */
export function previewStream(options?: PreviewOptions): TransformStream<Uint8Array, Uint8Array> {
  const tags = new ImageTags(new PagePreviews(options))
  const [decoder, encoder] = [new TextDecoder(), new TextEncoder()]
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(encoder.encode(tags.push(decoder.decode(chunk, { stream: true }))))
    },
    flush(controller) {
      controller.enqueue(encoder.encode(tags.push(decoder.decode()) + tags.finish()))
    },
  })
}

/** The part of Hono's context that it needs. */
interface ResponseHolder {
  res: Response
}

/** Hono middleware: `app.use(previews())`. Responses that are not HTML pass untouched. */
export function previews(options?: PreviewOptions) {
  return async (context: ResponseHolder, next: () => Promise<void>): Promise<void> => {
    await next()
    const { body, headers } = context.res
    if (!body || !/^text\/html\b/i.test(headers.get('content-type') ?? '') || headers.has('content-encoding'))
      return
    const response = new Response(body.pipeThrough(previewStream(options)), context.res)
    response.headers.delete('content-length')
    response.headers.delete('etag')
    context.res = response
  }
}

/** The part of HTMLRewriter's Element that it needs. */
interface RewrittenElement {
  getAttribute(name: string): string | null
  setAttribute(name: string, value: string): unknown
  removeAttribute(name: string): unknown
}

/** `new HTMLRewriter().on('img[data-latent64]', previewHandler()).transform(response)`; one handler per page. */
export function previewHandler(options?: PreviewOptions) {
  const previews = new PagePreviews(options)
  return {
    element(element: RewrittenElement): void {
      const code = element.getAttribute('data-latent64')
      if (code === null) return
      const hasSize = element.getAttribute('width') !== null && element.getAttribute('height') !== null
      const style = previews.style(code, { style: element.getAttribute('style') ?? undefined, hasSize })
      element.removeAttribute('data-latent64')
      if (style !== undefined) element.setAttribute('style', style)
    },
  }
}
