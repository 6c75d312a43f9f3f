// Node only. What the system says when something cannot be written, in words and with what to do.
import { EnvironmentFailure } from "../errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than this process may write",
  EACCES: "writing here is not permitted",
  EPERM: "writing here is not permitted",
  EROFS: "this file system is read-only",
  EIO: "the disk reported an error",
  EMFILE: "this process has too many files open",
  ENFILE: "the system has too many files open",
  EISDIR: "a folder is where this file should be",
  ENOTDIR: "a file is where a folder should be",
  ENOENT: "the folder does not exist",
};

const LINUX_EDQUOT = -122; // libuv has no name for it, and so neither has Node

/** `left` says what is there now. */
export function writeFailure(path: string, cause: unknown, left: string): EnvironmentFailure {
  const { errno, message, code: named = "" } = cause as NodeJS.ErrnoException;
  const code = errno === LINUX_EDQUOT ? "EDQUOT" : named;
  const reason = `could not write: ${REASONS[code] ? `${REASONS[code]} (${code})` : message}. ${left}`;
  return new EnvironmentFailure("WRITE_FAILED", reason, { file: path }, { cause });
}
