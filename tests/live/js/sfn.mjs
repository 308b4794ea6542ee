// Calls Step Functions through the AWS SDK for JavaScript, for tests/live/clients.py: a line of
// standard input is {"operation", "input"}, and the answer a line {"output"} or {"error", "message"}.
import { createInterface } from "node:readline";
import * as sdk from "@aws-sdk/client-sfn";

const client = new sdk.SFNClient({
    endpoint: process.argv[2],
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    disableHostPrefix: true,
    maxAttempts: 1,
});

async function answer(line) {
    const { operation, input } = JSON.parse(line);
    try {
        const { $metadata, ...output } = await client.send(new sdk[operation + "Command"](input));
        return { output };
    } catch (error) {
        return { error: error.name, message: error.message };
    }
}

for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await answer(line)) + "\n");
}
