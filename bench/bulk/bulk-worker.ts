/** The service's consumer with the routes of side-door.ts, for bench-bulk.ts. */
import { Backfill } from '../../edge/worker.ts'
import { type SideDoorBindings, sideDoor } from './side-door.ts'

export { Backfill }

export default { fetch: (request: Request, env: SideDoorBindings) => sideDoor(request, env) }
