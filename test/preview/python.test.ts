import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decode, hasAlpha } from '../../shared/preview/preview.ts'
import older from '../vectors/preview.json' with { type: 'json' }
import newer from '../vectors/preview-1.json' with { type: 'json' }

const PORT = join(import.meta.dirname, '..', '..', 'ports', 'python')
const hasPython = spawnSync('python3', ['-V']).status === 0
if (!hasPython && !process.env.CI) console.log('skipped: ports/python needs python3')

const SCRIPT = `
import hashlib, json, sys
sys.path.insert(0, ${JSON.stringify(PORT)})
sys.dont_write_bytecode = True
from latent64_preview import decode
for code in json.load(sys.stdin):
    small, wide = decode(code), decode(code, width=50)
    sha = lambda picture: hashlib.sha256(picture.rgba).hexdigest()
    print(json.dumps([small.width, small.height, sha(small), wide.height, sha(wide)]))
`

test.skipIf(!hasPython && !process.env.CI)(
  'the decoder in Python gives the frozen pixels, of every third code with transparency',
  () => {
    const codes = [...older, ...newer]
    expect(codes.filter(({ code }) => hasAlpha(code))).toHaveLength(16)
    const input = JSON.stringify(codes.map(({ code }) => code))
    const { stdout, stderr } = spawnSync('python3', ['-c', SCRIPT], { input, encoding: 'utf8' })
    expect(stderr).toBe('')
    const pictures = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(pictures).toEqual(
      codes.map(({ width, height, rgbaSha256, wide }) => [
        width,
        height,
        rgbaSha256,
        wide.height,
        wide.rgbaSha256,
      ]),
    )
  },
  120_000,
)

test.skipIf(!hasPython && !process.env.CI)('at the command line it writes RGBA as a PAM', () => {
  const { code } = newer.find((each) => hasAlpha(each.code))!
  const { stdout } = spawnSync('python3', ['-B', join(PORT, 'latent64_preview.py'), code, '20', '10'])
  const header = 'P7\nWIDTH 20\nHEIGHT 10\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n'
  expect(stdout.subarray(0, header.length).toString()).toBe(header)
  const { rgba } = decode(code, { width: 20, height: 10 })
  expect(new Uint8Array(stdout.subarray(header.length))).toEqual(new Uint8Array(rgba))
})

test('the decoder in Python has under 200 lines and imports nothing but the standard library', () => {
  const source = readFileSync(join(PORT, 'latent64_preview.py'), 'utf8')
  expect(source.trim().split('\n').length).toBeLessThan(200)
  const imported = [...source.matchAll(/^(?:import|from) (\w+)/gm)].map(([, name]) => name)
  expect(imported.filter((name) => !['base64', 'os', 'struct', 'sys', 'types'].includes(name!))).toEqual([])
})
