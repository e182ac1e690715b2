/** Writes a dense network as an ONNX file for onnxruntime, which takes only a few protobuf messages. */
import type { DenseLayer } from './handwritten-dense.ts'

type Field = Uint8Array

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]
const bytesField = (tag: number, bytes: Uint8Array): Field =>
  Buffer.concat([Buffer.from([...varint((tag << 3) | 2), ...varint(bytes.length)]), bytes])
const intField = (tag: number, value: number): Field => Buffer.from([...varint(tag << 3), ...varint(value)])
const textField = (tag: number, text: string): Field => bytesField(tag, Buffer.from(text))
const message = (tag: number, fields: Field[]): Field => bytesField(tag, Buffer.concat(fields))

const FLOAT = 1 // TensorProto.DataType

function tensor(name: string, dims: number[], values: Float32Array): Field[] {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return [...dims.map((dim) => intField(1, dim)), intField(2, FLOAT), textField(8, name), bytesField(9, raw)]
}

function valueInfo(name: string, width: number): Field[] {
  const dims = [message(1, [textField(2, 'batch')]), message(1, [intField(1, width)])]
  return [textField(1, name), message(2, [message(1, [intField(1, FLOAT), message(2, dims)])])]
}

function node(opType: string, inputs: string[], output: string): Field[] {
  return [...inputs.map((input) => textField(1, input)), textField(2, output), textField(4, opType)]
}

/** ModelProto with one input `x` and one output `y`: Gemm, and Relu if a layer has it. */
export function onnxModel(layers: DenseLayer[]): Uint8Array {
  const graph: Field[] = []
  let x = 'x'
  for (const [i, { kernel, bias, inputs, outputs, relu }] of layers.entries()) {
    const out = i === layers.length - 1 ? 'y' : `h${i}`
    graph.push(message(1, node('Gemm', [x, `w${i}`, `b${i}`], relu ? `${out}_` : out)))
    if (relu) graph.push(message(1, node('Relu', [`${out}_`], out)))
    graph.push(message(5, tensor(`w${i}`, [inputs, outputs], kernel)))
    graph.push(message(5, tensor(`b${i}`, [outputs], bias)))
    x = out
  }
  graph.push(textField(2, 'dense'))
  graph.push(
    message(11, valueInfo('x', layers[0].inputs)),
    message(12, valueInfo('y', layers.at(-1)!.outputs)),
  )
  const opset = message(8, [textField(1, ''), intField(2, 17)])
  return Buffer.concat([intField(1, 8), message(7, graph), opset]) // ir_version 8
}
