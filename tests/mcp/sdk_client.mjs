// One client of the TypeScript SDK against our server: sdk_client.mjs V1|V2 ERA TRANSPORT SCRIPT
// ERA is legacy, auto or a revision (of V2 alone); TRANSPORT http, sse or stdio; SCRIPT all or fixture. Prints what it
// got as one JSON object. LILUX_NPM names the packages; LILUX_URL and LILUX_TOKEN, or LILUX, the server.

import { createRequire } from "node:module";

const [version, era, transport, script] = process.argv.slice(2);
const isOld = version === "V1";
const need = createRequire(`${process.env.LILUX_NPM}/`);
const part = (name) => need(`@modelcontextprotocol/sdk/${name}.js`);
const modules = isOld
  ? { ...part("client/index"), ...part("client/stdio"), ...part("client/sse"), ...part("client/streamableHttp"), ...part("types") }
  : { ...need("@modelcontextprotocol/client"), ...need("@modelcontextprotocol/client/stdio") };

function makeTransport() {
  if (transport === "stdio")
    return new modules.StdioClientTransport({
      command: process.env.LILUX, args: ["mcp", "serve", "--expose", "all"], env: process.env, cwd: process.cwd() });
  const made = transport === "sse" ? modules.SSEClientTransport : modules.StreamableHTTPClientTransport;
  return new made(new URL(process.env.LILUX_URL), {
    requestInit: { headers: { Authorization: `Bearer ${process.env.LILUX_TOKEN}` } } });
}

const got = { asked: [] };
let answer = { action: "accept", content: { answer: "deny" } };
const mode = era === "legacy" || era === "auto" ? era : { pin: era };
const client = new modules.Client(
  { name: `sdk ${version}`, version: "1" },
  { capabilities: { elicitation: {} }, ...(isOld ? {} : { versionNegotiation: { mode } }) });
client.setRequestHandler(isOld ? modules.ElicitRequestSchema : "elicitation/create", async (request) => {
  got.asked.push(request.params.message);
  return answer;
});

const call = (name, args, options) =>
  isOld ? client.callTool({ name, arguments: args }, undefined, options) : client.callTool({ name, arguments: args }, options);
const failure = (promise) => promise.then(() => "", (error) => `${error.code ?? ""} ${error.message ?? error}`);

async function all() {
  got.server = client.getServerVersion().name;
  got.tools = (await client.listTools()).tools.map((tool) => tool.name);
  got.read = (await call("fs_read", { path: "a" })).structuredContent;
  got.denied = await call("fs_read", { path: "/etc/shadow" });
  got.unknown = await failure(call("no_such", {}));
  got.resources = (await client.listResources()).resources.map((resource) => resource.uri);
  got.templates = (await client.listResourceTemplates()).resourceTemplates.map((template) => template.uriTemplate);
  got.status = JSON.parse((await client.readResource({ uri: "lilux://status" })).contents[0].text).state;
  got.prompts = (await client.listPrompts()).prompts.map((prompt) => prompt.name);
  got.prompt = (await client.getPrompt({ name: "review", arguments: {} })).messages[0].role;
  got.values = (await client.complete({
    ref: { type: "ref/prompt", name: "explain_call" }, argument: { name: "call", value: "c" } })).completion.values;

  const stop = new AbortController();
  const waiting = failure(call("event_wait", { since: 0, event: "no.such" }, { signal: stop.signal }));
  setTimeout(() => stop.abort("enough"), 300);
  got.cancelled = await waiting;

  const line = { path: "log", content: "once\n", append: true };
  got.deniedByForm = await call("fs_write", line);
  answer = { action: "accept", content: { answer: "approve" } };
  got.approved = await call("fs_write", line);
}

// What the fixture's tools do: tell progress, and change the lists.
async function fixture() {
  got.told = [];
  got.result = await call("test_tool_with_progress", {}, { onprogress: (told) => got.told.push(told.progress) });
  const changed = new Promise((heard) =>
    client.setNotificationHandler(
      isOld ? modules.ToolListChangedNotificationSchema : "notifications/tools/list_changed", () => heard("heard")));
  if (era === "auto") await client.listen({ toolsListChanged: true });
  // The stream that it comes on may not be there yet.
  const again = setInterval(() => call("test_trigger_tool_change", {}), 200);
  got.changed = await Promise.race([changed, new Promise((late) => setTimeout(() => late("nothing"), 15_000))]);
  clearInterval(again);
}

await client.connect(makeTransport());
await { all, fixture }[script]();
await client.close();
console.log(JSON.stringify(got));
process.exit(0);
