import type { Context } from 'hono'
import type { RequestRecord } from './request-record.ts'
import type { Bindings, Settings } from './settings.ts'

/** Hono's environment type for every route and middleware here. */
export interface ServiceEnv {
  Bindings: Bindings
  Variables: { record: RequestRecord; settings: Settings }
}

export type ServiceContext = Context<ServiceEnv>
