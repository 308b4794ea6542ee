/** What a new state machine begins with. */
import type { Workflow } from './definition';

export const sampleWorkflow: Workflow = {
  Comment: 'A first workflow: greet, decide, and wait',
  QueryLanguage: 'JSONata',
  StartAt: 'Greet',
  States: {
    Greet: { Type: 'Pass', Output: { greeting: "{% 'Hello, ' & ($states.input.name ? $states.input.name : 'world') %}" }, Next: 'Is it early?' },
    'Is it early?': {
      Type: 'Choice',
      Choices: [{ Condition: "{% $substring($now(), 11, 2) < '12' %}", Next: 'Wait a moment' }],
      Default: 'Done',
    },
    'Wait a moment': { Type: 'Wait', Seconds: 1, Next: 'Done' },
    Done: { Type: 'Succeed' },
  },
};
