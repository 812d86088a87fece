// Compiles Token.sol with the pinned solc of ../tools and prints the creation code as hex.
// Usage: node compile.js FOLDER_WITH_NODE_MODULES
"use strict";
const fs = require("fs");
const path = require("path");
const solc = require(path.join(path.resolve(process.argv[2]), "node_modules", "solc"));

const input = {
  language: "Solidity",
  sources: { "Token.sol": { content: fs.readFileSync(path.join(__dirname, "Token.sol"), "utf8") } },
  settings: {
    evmVersion: "cancun",
    // No metadata hash: the bytes then depend on the code alone.
    metadata: { bytecodeHash: "none", appendCBOR: false },
    optimizer: { enabled: true, runs: 200 },
    outputSelection: { "*": { "*": ["evm.bytecode.object"] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
const errors = (output.errors ?? []).filter((error) => error.severity === "error");
if (errors.length > 0) {
  console.error(errors.map((error) => error.formattedMessage).join("\n"));
  process.exit(1);
}
console.log(output.contracts["Token.sol"].Token.evm.bytecode.object);
