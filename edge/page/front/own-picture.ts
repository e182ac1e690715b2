/** A visitor's own photograph, compressed by this server. */
import { ApiError, compressOnServer } from '../lab/api.ts'
import { readPicture, redraw } from '../lab/source/source.ts'
import type { Shown } from './stage.ts'

/** What the server says of an image that it cannot read, or that is too large for it. */
const UNREADABLE = [400, 413, 415, 422]
/** What it says if it is not open to everybody. */
const CLOSED = [401, 403, 429]

export async function compressFile(file: Blob, name: string, signal: AbortSignal): Promise<Shown> {
  const picture = await readPicture(file, name)
  const { code, bytes, sent } = await compress(picture, signal)
  const { width, height } = picture.given
  return { name, code, bytes: bytes.total, width, height, src: URL.createObjectURL(file), sent }
}

type Sent = Pick<Awaited<ReturnType<typeof readPicture>>, 'file' | 'bitmap' | 'name'>

/** A file that this browser reads and the server does not is drawn here, and sent as a PNG. */
async function compress({ file, bitmap, name }: Sent, signal: AbortSignal) {
  const send = async (sent: Blob) => ({ ...(await compressOnServer({ file: sent }, signal)), sent })
  try {
    return await send(file)
  } catch (error) {
    if (error instanceof ApiError && CLOSED.includes(error.status)) throw new Error(closed(error.status))
    if (!(error instanceof ApiError) || !UNREADABLE.includes(error.status)) throw error
    return send((await redraw(bitmap, name)).file)
  }
}

const closed = (status: number) =>
  status === 429
    ? 'This server has compressed enough for you just now: try again in a minute.'
    : 'This server’s /compress asks for an API key. On “How it works” you can give one, or compress in your browser.'
