// Who started this process, and as one of how many, by the environment alone: nothing of an MPI is loaded, and a
// process that no launcher started never touches one.

/**
 * The MPIs there are builds for. MPICH's serves those that keep its binary interface: Intel MPI, MVAPICH, Cray MPICH.
 */
export type MpiKind = "openmpi" | "mpich";

/** How people call them. */
export const MPI_NAMES: Readonly<Record<MpiKind, string>> = { openmpi: "Open MPI", mpich: "MPICH" };

/** What the environment says of a job: its MPI, its size, and this process's number. */
export type Launch = { readonly mpi: MpiKind; readonly size: number; readonly rank: number };

/** The job this process was started in; undefined for one of its own, or why it cannot be told which. */
export function findLaunch(
  env: Readonly<Record<string, string | undefined>>,
): Launch | { refused: string } | undefined {
  const number = (...names: string[]) => {
    const text = names.map((name) => env[name]).find((value) => value !== undefined && /^\d{1,7}$/.test(value));
    return text === undefined ? undefined : Number(text);
  };
  const tasks = number("SLURM_STEP_NUM_TASKS") ?? 1; // of srun; a batch script alone has no such variable
  const open = env.OMPI_COMM_WORLD_SIZE !== undefined || env.PMIX_NAMESPACE !== undefined;
  const size = open
    ? (number("OMPI_COMM_WORLD_SIZE") ?? tasks)
    : (number("PMI_SIZE") ?? (env.PMI_FD === undefined ? 1 : tasks));
  if (size > 1) {
    const rank = open
      ? number("OMPI_COMM_WORLD_RANK", "PMIX_RANK", "SLURM_PROCID")
      : number("PMI_RANK", "PMI_ID", "SLURM_PROCID");
    if (rank !== undefined && rank < size) return { mpi: open ? "openmpi" : "mpich", size, rank };
    return { refused: `started as one of ${size} processes by a launcher that does not say which` };
  }
  if (tasks > 1)
    return {
      refused: `started by srun as ${tasks} processes that do not know of each other. Add --mpi=pmix (Open MPI) or --mpi=pmi2 (MPICH) to srun`,
    };
  return undefined;
}
