// Whether the parameters still follow from the seed.

/** The hash of the parameters, and the taught steps in them. */
export type ParameterStatus = {
  readonly parametersSha256: string;
  readonly taught: number; //    changes by hand in the parameters; after one they no longer follow from the seed
  readonly undoable: boolean; // whether the last of them can be undone: until the run's next step
};
