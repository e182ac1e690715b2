import { type ConversionConfig, toJsonSchema } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import * as schemas from '../../edge/schemas.ts'

type JsonSchema = ReturnType<typeof toJsonSchema>

/**
 * Query parameters arrive as strings and are read as numbers: clients should see a number. The only custom schema is
 * that of `pixels`, which flattenPixels checks instead.
 */
export const config: ConversionConfig = {
  overrideSchema: ({ valibotSchema }) =>
    valibotSchema.type === 'custom' ? bare(toJsonSchema(schemas.Pixels)) : undefined,
  overrideAction: ({ valibotAction, jsonSchema: text }) => {
    if (valibotAction.type !== 'transform') return undefined
    return { type: text.pattern === '^\\d{1,9}$' ? 'integer' : 'number' }
  },
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
}

const bare = ({ $schema, ...schema }: JsonSchema): JsonSchema => schema

export function queryParameters(schema: { entries: Record<string, v.GenericSchema> } & v.GenericSchema) {
  const { properties } = toJsonSchema(schema, config) as { properties: Record<string, JsonSchema> }
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: 'query',
    required: false,
    description,
    schema: rest,
  }))
}
