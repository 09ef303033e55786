// An echo server by the TypeScript SDK, as the least it can be asked: echo.mjs NODE_MODULES stdio|stateless|stateful.
// Over HTTP it answers in JSON, which is its fastest way, and prints its address first.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

const [modules, way] = process.argv.slice(2);
const sdk = (name) => import(`${modules}/@modelcontextprotocol/sdk/dist/esm/${name}.js`);
const { Server } = await sdk("server/index");
const { CallToolRequestSchema, ListToolsRequestSchema } = await sdk("types");

const tool = {
  name: "echo",
  description: "Gives back its text",
  inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
};

function echoServer() {
  const server = new Server({ name: "echo", version: "1" }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [tool] }));
  server.setRequestHandler(CallToolRequestSchema, (request) => ({
    content: [{ type: "text", text: request.params.arguments.text }],
  }));
  return server;
}

async function serveStdio() {
  const { StdioServerTransport } = await sdk("server/stdio");
  await echoServer().connect(new StdioServerTransport());
}

async function serveHttp(isStateful) {
  const { StreamableHTTPServerTransport } = await sdk("server/streamableHttp");
  const sessions = new Map();

  async function begin() {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: isStateful ? randomUUID : undefined,
      enableJsonResponse: true,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    await echoServer().connect(transport);
    return transport;
  }

  const http = createServer(async (request, response) => {
    const known = sessions.get(request.headers["mcp-session-id"]);
    const transport = known ?? (await begin());
    if (!isStateful) response.on("close", () => transport.close());
    await transport.handleRequest(request, response);
  });
  http.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${http.address().port}`));
  process.stdin.on("end", () => process.exit(0)).resume();
}

await (way === "stdio" ? serveStdio() : serveHttp(way === "stateful"));
