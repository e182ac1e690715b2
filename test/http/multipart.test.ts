import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundaryOf, splitMultipart } from '../../edge/http/multipart.ts'
import { Problem } from '../../edge/http/problem.ts'

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))

function formOf(boundary: string, parts: Uint8Array[]): Uint8Array {
  const each = parts.flatMap((part) => [latin1(`--${boundary}\r\nX-A: b\r\n\r\n`), part, latin1('\r\n')])
  return new Uint8Array(Buffer.concat([...each, latin1(`--${boundary}--`)]))
}

/** Bytes that are often those of a delimiter. */
const trickyBytes = fc
  .array(
    fc.oneof(
      fc.constantFrom('\r', '\n', '\r\n', '--', '-', '--b', '\r\n--b', ' ', '\r\n--bb\r\n'),
      fc.string(),
    ),
  )
  .map((pieces) => latin1(pieces.join('')))

test('parts come out as they went in, whatever parts of a boundary they contain', () => {
  const contents = fc.array(trickyBytes, { minLength: 1, maxLength: 4 })
  const property = fc.property(contents, trickyBytes, trickyBytes, (parts, before, after) => {
    const boundary = 'b.long.one'
    const whole = Buffer.concat([before, latin1('\r\n'), formOf(boundary, parts), after])
    const split = [...splitMultipart(new Uint8Array(whole), boundary)]
    expect(split.map(({ content }) => Buffer.from(content))).toEqual(parts.map((part) => Buffer.from(part)))
    expect(split.every(({ headers }) => headers.get('x-a') === 'b')).toBe(true)
  })
  fc.assert(property, { numRuns: 500 })
})

test('a form that is cut anywhere is a 400, or complete if cut after its closing delimiter', () => {
  const form = formOf('b', [latin1('one'), latin1('two')])
  for (let end = 0; end < form.length; end++)
    expect(() => [...splitMultipart(form.subarray(0, end), 'b')], `${end}`).toThrow(Problem)
})

/** The bytes, counting how often one is read. */
function counted(bytes: Uint8Array): { body: Uint8Array; reads: () => number } {
  let reads = 0
  const wrap = (target: Uint8Array): Uint8Array =>
    new Proxy(target, {
      get(_, name) {
        if (name === 'subarray') return (from: number, to: number) => wrap(target.subarray(from, to))
        const value = Reflect.get(target, name, target)
        if (typeof name === 'string' && /^\d+$/.test(name)) reads++
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  return { body: wrap(bytes), reads: () => reads }
}

test('no byte of a hostile body is read more than a few times, however similar it is to its boundary', () => {
  const boundary = '-'.repeat(70)
  const almost = `\r\n--${boundary.slice(1)}x`
  const hostile = [
    '-',
    '\r',
    '\r\n',
    '\r\n-',
    almost,
    `\r\n--${boundary}x`,
    `\r\n--${boundary}${' '.repeat(500)}x`,
  ]
  for (const piece of hostile) {
    const { body, reads } = counted(
      latin1(`--${boundary}\r\n\r\n${piece.repeat(Math.ceil(60_000 / piece.length))}`),
    )
    expect(() => [...splitMultipart(body, boundary)]).toThrow(Problem)
    expect(reads() / body.length, JSON.stringify(piece.slice(0, 8))).toBeLessThan(4)
  }
})

test('a boundary is read from Content-Type, quoted or not, of at most 70 characters', () => {
  expect(boundaryOf('multipart/form-data; boundary="a\\"b"')).toBe('a"b')
  expect(() => boundaryOf('multipart/form-data')).toThrow(Problem)
  expect(() => boundaryOf(`multipart/form-data; boundary=${'x'.repeat(200)}`)).toThrow('1 to 70')
})
