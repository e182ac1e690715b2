import * as tf from '@tensorflow/tfjs'

interface Attribute {
  name: string
  type: number
  value: unknown
}

interface Output {
  id: number
  shape: number[]
  dtype: number
}

/** The part of tfjs-node's backend that is used here. A tensor's `id` is its handle's number in TensorFlow's eager runtime. */
interface TensorFlowBackend {
  binding: {
    executeOp(name: string, attributes: Attribute[], inputIds: number[], outputs: number): Output[]
    deleteTensor(id: number): void
    createTensor(shape: number[], dtype: number, values: Float32Array): number
    TF_ATTR_TYPE: number
    TF_ATTR_BOOL: number
    TF_ATTR_SHAPE: number
    TF_ATTR_STRING: number
    TF_FLOAT: number
  }
  tensorMap: { get(dataId: object): { id: number } }
  getInputTensorIds(tensors: tf.Tensor[]): number[]
  executeSingleOutput(name: string, attributes: Attribute[], inputs: tf.Tensor[]): tf.Tensor
}

/**
 * TensorFlow's own operations by name, for what tfjs's kernels compose of several (five for the gradient of a ReLU) or
 * do not have (Adam). Inputs and outputs are ordinary tfjs tensors.
 */
export class TensorFlowOps {
  readonly #backend = tf.backend() as unknown as TensorFlowBackend
  readonly #type = this.#attribute('T', this.#backend.binding.TF_ATTR_TYPE, this.#backend.binding.TF_FLOAT)
  readonly #dtype = { ...this.#type, name: 'dtype' }
  readonly #unlocked = [this.#type, this.#flag('use_locking', false), this.#flag('use_nesterov', false)]

  #attribute(name: string, type: number, value: unknown): Attribute {
    return { name, type, value }
  }

  #flag(name: string, value: boolean): Attribute {
    return this.#attribute(name, this.#backend.binding.TF_ATTR_BOOL, value)
  }

  /** An operation on float tensors whose only attribute is their type. */
  run(name: string, ...inputs: tf.Tensor[]): tf.Tensor {
    return this.#backend.executeSingleOutput(name, [this.#type], inputs)
  }

  /** tfjs-node uses BatchMatMulV2 for every product, which oneDNN runs at half the speed of MatMul. */
  matMul(a: tf.Tensor2D, b: tf.Tensor2D, transposeA: boolean, transposeB: boolean): tf.Tensor2D {
    const transposes = [this.#flag('transpose_a', transposeA), this.#flag('transpose_b', transposeB)]
    return this.#backend.executeSingleOutput('MatMul', [this.#type, ...transposes], [a, b]) as tf.Tensor2D
  }

  /** A resource variable of TensorFlow's, holding the tensor's value. */
  createResource(value: tf.Tensor): ResourceId {
    const { TF_ATTR_SHAPE, TF_ATTR_STRING } = this.#backend.binding
    const name = this.#attribute('shared_name', TF_ATTR_STRING, `latent64/${nextResource++}`)
    const attributes = [this.#dtype, this.#attribute('shape', TF_ATTR_SHAPE, value.shape), name]
    attributes.push(this.#attribute('container', TF_ATTR_STRING, ''))
    const [resource] = this.#backend.binding.executeOp('VarHandleOp', attributes, [], 1)
    this.assign(resource!.id, value)
    return resource!.id
  }

  assign(resource: ResourceId, value: tf.Tensor): void {
    const [id] = this.#backend.getInputTensorIds([value])
    this.#backend.binding.executeOp('AssignVariableOp', [this.#dtype], [resource, id!], 0)
  }

  read(resource: ResourceId): tf.Tensor {
    const [output] = this.#backend.binding.executeOp('ReadVariableOp', [this.#dtype], [resource], 1)
    const handle = this.#backend as unknown as { createOutputTensor(output: Output): tf.Tensor }
    return handle.createOutputTensor(output!)
  }

  scalar(value: number): ScalarId {
    const { binding } = this.#backend
    return binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value))
  }

  deleteScalar(id: ScalarId): void {
    this.#backend.binding.deleteTensor(id)
  }

  /**
   * One Adam update in place; `variable` sees the new value. The handle of its tensor is released first, so that
   * TensorFlow is the buffer's only owner and need not copy it, and read again afterwards under the same tfjs tensor.
   */
  applyAdam(
    variable: tf.Variable,
    [weights, first, second]: AdamResources,
    scalars: ScalarId[],
    gradient: tf.Tensor,
  ) {
    const { binding } = this.#backend
    const held = this.#backend.tensorMap.get(variable.dataId)
    binding.deleteTensor(held.id)
    const [gradientId] = this.#backend.getInputTensorIds([gradient])
    binding.executeOp(
      'ResourceApplyAdam',
      this.#unlocked,
      [weights, first, second, ...scalars, gradientId!],
      0,
    )
    held.id = binding.executeOp('ReadVariableOp', [this.#dtype], [weights], 1)[0].id
  }
}

type ResourceId = number
type ScalarId = number
export type AdamResources = [weights: ResourceId, first: ResourceId, second: ResourceId]

let nextResource = 0
