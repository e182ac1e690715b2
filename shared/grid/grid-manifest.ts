/** What a grid model's directory holds: grid.json, tables.bin, decoder.bin, encoder.bin, record.json. */
import * as v from 'valibot'

export const GRID_PATHS = {
  manifest: 'grid.json',
  tables: 'tables.bin',
  decoder: 'decoder.bin',
  encoder: 'encoder.bin',
  record: 'record.json',
} as const

/** What the service's assets have of a decoder, beside its compact bytes: unpackExpanded(). */
export const EXPANDED_DECODER = 'expanded-decoder.bin'

export const GridManifestSchema = v.object({
  format: v.literal(1, 'a grid model of another format: export it again'),
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected a name of a-z, 0-9 and -')),
  /** In codes: of what decoding needs, see gridNumber(). */
  number: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(63)),
  created: v.string(),
})
export type GridManifest = v.InferOutput<typeof GridManifestSchema>
