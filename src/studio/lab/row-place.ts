// A row of the open run's data.

/** One row of the data, by its number in its split. */
export type RowPlace = { readonly part: "train" | "test"; readonly row: number };
