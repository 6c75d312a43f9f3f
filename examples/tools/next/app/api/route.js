import { task } from "../../task.js";

export const dynamic = "force-dynamic";

export async function GET() {
  return new Response(await task());
}
