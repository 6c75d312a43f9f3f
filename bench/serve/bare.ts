// What `deltaprop serve` is held against: node:http that parses the same body and answers with a text of `answer`.
import { createServer, type Server } from "node:http";

export function bareServer(answer: (row: number[]) => string): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { inputs } = JSON.parse(Buffer.concat(chunks).toString()) as { inputs: [{ data: number[] }] };
      const text = answer(inputs[0].data);
      response.writeHead(200, { "content-type": "application/json", "content-length": text.length }).end(text);
    });
  });
}
