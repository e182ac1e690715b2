import { app } from './app.ts'
import { consume } from './bulk/consume.ts'

export { Backfill } from './bulk/backfill/workflow.ts'

export default { fetch: app.fetch, queue: consume }
