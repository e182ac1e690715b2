/**
 * What the wasm backend lacks for training: the gradient of a convolution. (product-wasm.ts has fast matrix products.)
 *
 * These are kernels, not gradients: tfjs's own gradients of matMul and conv2d call them, so whatever tf.layers builds
 * from those (dense, convolution, recurrent cells) trains with nothing else to register.
 */
import * as tf from '@tensorflow/tfjs'

type KernelArgs = Parameters<tf.KernelFunc>[0]
type Attributes = NonNullable<KernelArgs['attrs']>

/** Call it once. */
export function registerWasmGradientKernels(): void {
  tf.registerKernel({ kernelName: 'Conv2DBackpropFilter', backendName: 'wasm', kernelFunc: filterGradient })
}

/**
 * The gradient of a convolution's filter is itself a convolution, with batch and channels swapped:
 *
 *   dw[i,j,c,f] = sum over n,y,x of input[n, s*y+i-p, s*x+j-p, c] * dy[n,y,x,f]
 *
 * The images are the channels of the input (their depth is the batch), and the filter is dy, dilated by the stride s.
 */
function filterGradient({ inputs, attrs }: KernelArgs): tf.TensorInfo {
  const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs as Attributes &
    ConvolutionAttributes
  const x = inputs.x as tf.Tensor4D // [n, h, w, c]
  const dy = inputs.dy as tf.Tensor4D // [n, oh, ow, f]
  if (dataFormat !== 'NHWC')
    throw new Error(`Conv2DBackpropFilter on wasm: data format ${dataFormat} is not supported, only NHWC`)
  const { padInfo, strideHeight, strideWidth, filterHeight, filterWidth } = tf.backend_util.computeConv2DInfo(
    x.shape,
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
    false,
    'channelsLast',
  )
  return tf.tidy(() => {
    const channelsAsImages = tf.transpose(x, [3, 1, 2, 0]) // [c, h, w, n]
    const filter = tf.transpose(dy, [1, 2, 0, 3]) // [oh, ow, n, f]
    const padding: Padding = [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [0, 0],
    ]
    const full = tf.conv2d(channelsAsImages, filter, 1, padding, 'NHWC', [strideHeight, strideWidth]) // [c, >=kh, >=kw, f]
    // Rows and columns of the input that no stride reached make it larger than the filter.
    const gradient = tf.slice(full, [0, 0, 0, 0], [-1, filterHeight, filterWidth, -1])
    return tf.transpose(gradient, [1, 2, 0, 3]) // [kh, kw, c, f]
  })
}

type Padding = [[number, number], [number, number], [number, number], [number, number]]

interface ConvolutionAttributes {
  strides: [number, number] | number
  pad: Padding | 'valid' | 'same' | number
  dataFormat: 'NHWC' | 'NCHW'
  dimRoundingMode: 'floor' | 'round' | 'ceil'
  filterShape: [number, number, number, number]
}
