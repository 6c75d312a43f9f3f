// Numbers of which nobody knows how many will come, in a typed array that doubles.

type Numbers = Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

export class GrowingArray<T extends Numbers> {
  length = 0;
  #values: T;

  /** `values` is room for the first. */
  constructor(values: T) {
    this.#values = values;
  }

  push(x: number): void {
    if (this.length === this.#values.length) {
      const { buffer, length, BYTES_PER_ELEMENT } = this.#values;
      const larger = buffer.transfer(2 * length * BYTES_PER_ELEMENT);
      this.#values = new (this.#values.constructor as new (bytes: ArrayBuffer) => T)(larger);
    }
    this.#values[this.length++] = x;
  }

  /** A view of all that have come. */
  get values(): T {
    return this.#values.subarray(0, this.length) as T;
  }
}
