/** One way to run a network, in a comparison. */
export interface Contender {
  run(): unknown | Promise<unknown>
  read(): Float32Array
}
