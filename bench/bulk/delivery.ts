export interface Delivery {
  id: string
  attempts: number
  body: unknown
}

/** The outcome of a batch, as ids of its messages. */
export interface Delivered {
  acked: string[]
  retried: string[]
  /** From the consumer's metrics. */
  codecMs: number
}
