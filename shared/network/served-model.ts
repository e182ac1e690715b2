/** What the service keeps of a model, made from its directory when the service is built. */
import type { Manifest } from '../manifest.ts'
import type { NetworkPlan } from './network-plan.ts'

/** An entry of the service's index of models. */
export interface ServedModel extends Manifest {
  networks: { encoder: NetworkPlan; decoder?: NetworkPlan }
  /** Lengths of the parts of SERVED_FILE, in this order. */
  bytes: { levelTables: number; searchCosts: number; encoder: number; decoder: number }
}

/**
 * Beside the files of a model that is served, what most requests need, one after another, as it lies in memory: the
 * default level's tables and their searchCosts(), then both networks' weights.
 */
export const SERVED_FILE = 'served.bin'
