/** model.json of the tfjs layers format, as far as this project reads it. */
export interface LayersJson {
  modelTopology: unknown
  weightsManifest: { paths: string[]; weights: WeightSpec[] }[]
  [key: string]: unknown
}

export interface WeightSpec {
  name: string
  shape: number[]
  dtype: string
  quantization?: {
    dtype: 'uint8' | 'uint16' | 'float16'
    scale?: number
    min?: number
    original_dtype?: string
  }
}

export interface LayersFile {
  topology: LayersJson
  weights: Uint8Array
}
