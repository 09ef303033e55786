// Preloaded into clients that have no option for a token: adds it to whatever they send.

import http from "node:http";
import { createRequire } from "node:module";

const value = `Bearer ${process.env.LILUX_TOKEN}`;

const plainFetch = globalThis.fetch;
globalThis.fetch = (target, options = {}) => {
  const headers = new Headers(options.headers ?? target.headers);
  headers.set("authorization", value);
  return plainFetch(target, { ...options, headers });
};

const plainRequest = http.request;
http.request = (options, ...rest) =>
  plainRequest({ ...options, headers: { ...options.headers, authorization: value } }, ...rest);

const { getGlobalDispatcher, setGlobalDispatcher } = createRequire(process.argv[1])("undici");
const withToken = (headers) =>
  Array.isArray(headers) ? [...headers, "authorization", value] : { ...headers, authorization: value };
setGlobalDispatcher(
  getGlobalDispatcher().compose((dispatch) => (options, handler) =>
    dispatch({ ...options, headers: withToken(options.headers) }, handler)),
);
