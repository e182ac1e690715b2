export interface Delivery {
  id: string
  attempts: number
  body: unknown
}

/** What became of a batch: the ids of its messages. */
export interface Delivered {
  acked: string[]
  retried: string[]
  /** As the consumer's metrics tell it. */
  codecMs: number
}
