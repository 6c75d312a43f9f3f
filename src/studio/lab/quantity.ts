// The quantities of the note by name.

/** The arrays that a symbol of the note can stand for; "a" of layer 0 is x. */
export type QuantityKind =
  | ("a" | "aT" | "W" | "WT" | "b" | "z" | "slope" | "diagonal" | "delta" | "dW" | "db") //    of a layer
  | ("y" | "S" | "loss" | "exp" | "expSum" | "lossByS") //                                     of the last layer
  | ("jacobian" | "jacobianOff" | "jacobianDiagonal" | "identity" | "tensor")
  | ("ones" | "share"); //                                                                     1 [1×B] and 1/B

/** A quantity of the note, in the open network. */
export type Quantity = {
  readonly kind: QuantityKind;
  readonly layer: number; //   l, from 1; L for what belongs to the end of the network
  readonly batch: boolean; //  of the next mini-batch, one row an example, instead of the chosen example
};

/** Whether only softmax cross-entropy has such a quantity. */
export const ofSoftmaxAlone = ({ kind }: Pick<Quantity, "kind">): boolean =>
  ["S", "exp", "expSum", "lossByS", "jacobian", "jacobianOff", "jacobianDiagonal"].includes(kind);

/** Its numbers, row-major. */
export type ScalarValue = {
  readonly rows: number;
  readonly cols: number;
  readonly values: Float32Array | Float64Array;
};
