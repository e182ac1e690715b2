/** What the service has of a model: built from the model's directory when the service is built. */
import type { Manifest } from '../manifest.ts'
import type { NetworkPlan } from './network-plan.ts'

/** An entry of the service's index of models. */
export interface ServedModel extends Manifest {
  networks: { encoder: NetworkPlan; decoder?: NetworkPlan }
  /** Lengths of SERVED_FILE's parts, in their order. */
  bytes: { levelTables: number; searchCosts: number; encoder: number; decoder: number }
}

/**
 * One file with what most requests need, as it lies in memory: the default level's tables and their searchCosts(), then
 * both networks' weights. It is served beside the model's own files.
 */
export const SERVED_FILE = 'served.bin'
