/** The compiled wasm files of the grid codec. */
export interface NetworkWasm {
  convolve: WebAssembly.Module
  pixels: WebAssembly.Module
}

export interface GridWasm extends NetworkWasm {
  planeCoder: WebAssembly.Module
}
