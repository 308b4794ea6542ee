/** What a Task calls, in a few words. */
import { isObject, type JsonObject } from '@/api/json';

const patterns: Record<string, string> = { sync: 'wait', 'sync:2': 'wait', waitForTaskToken: 'callback' };

function functionName(state: JsonObject): string | undefined {
  const given = isObject(state.Parameters) ? state.Parameters : isObject(state.Arguments) ? state.Arguments : undefined;
  const name = given?.FunctionName;
  return typeof name === 'string' ? name.split(':function:').pop() : undefined;
}

export function resourceLabel(state: JsonObject): string | undefined {
  const resource = typeof state.Resource === 'string' ? state.Resource : '';
  const parts = resource.split(':');
  if (parts[2] === 'lambda') {
    return `Lambda ${parts.slice(6).join(':') || parts.slice(3).join(':')}`;
  }
  if (parts[5] === 'activity') {
    return `Activity ${parts[6] ?? ''}`;
  }
  const [call = '', pattern] = parts.slice(5).join(':').split(/\.(.*)/s);
  if (!call) {
    return resource || undefined;
  }
  const label = call.replace(/^aws-sdk:/, '').replace(':', ': ');
  const suffix = pattern ? ` (${patterns[pattern] ?? pattern})` : '';
  const named = call === 'lambda:invoke' ? functionName(state) : undefined;
  return named ? `Lambda ${named}${suffix}` : label + suffix;
}
