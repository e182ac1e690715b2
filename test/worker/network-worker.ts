/** A worker that runs one network of a model: POST /NAME/encoder or /NAME/decoder, floats to floats. */
import { withModels } from '../../edge/models/isolate.ts'
import type { Bindings } from '../../edge/settings.ts'

export default {
  async fetch(request: Request, env: Bindings): Promise<Response> {
    if (request.method === 'GET') return new Response('ready')
    const [, name, part] = new URL(request.url).pathname.split('/') as [string, string, 'encoder' | 'decoder']
    const input = new Float32Array(await request.arrayBuffer())
    return withModels(env, async (models) => {
      const network = (await models.load(models.named(name)))[part]
      const batch = input.length / network.inputSize
      network.input(batch).set(input)
      return new Response(network.run(batch).slice())
    })
  },
}
