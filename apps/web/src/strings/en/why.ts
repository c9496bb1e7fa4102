/** Why an answer is as it is. */
export const why = {
  title: "Why this answer?",
  running: "This can be told once the reply has ended.",
  none: "Nobody kept how this reply came about.",

  facts: {
    model: "Model",
    narrator: "Answered by",
    narrators: { ic: "the character", ooc: "the narrator" },
    firstWord: "First word after",
    seconds: (ms: number) => `${(ms / 1000).toLocaleString("en", { maximumFractionDigits: 2 })} s`,
    sent: "Tokens sent",
    received: "Tokens received",
    thought: "Tokens thought with",
    finished: "Ended because of",
    persona: "Persona",
  },

  knowledge: {
    title: "Knowledge",
    lead: (query: string) => `Looked up for “${query}”`,
    none: "Nothing that the character knows was about this.",
    used: "Used",
    outcomes: {
      used: "used",
      below_min_score: "too weak",
      far_behind: "far behind the best",
      beyond_top_k: "others were better",
      over_token_budget: "no room among the others",
      no_room: "no room",
    },
    score: (score: string) => `Score ${score}`,
    matched: "Matched",
    fields: {
      tag: "as a tag",
      alias: "as an alias",
      entity: "as a name",
      summary: "in the summary",
      line: "in a line",
      notes: "in the notes",
    },
  },

  lore: {
    title: "Lorebook",
    unnamed: (id: string) => `Entry ${id}`,
    outcomes: {
      active: "used",
      constant: "always used",
      over_budget: "no room",
    } as Record<string, string>,
  },

  tokens: {
    title: "What the prompt is made of",
    total: (tokens: number) => `About ${tokens.toLocaleString("en")} tokens`,
    ofContext: (tokens: number, context: number) =>
      `About ${tokens.toLocaleString("en")} of ${context.toLocaleString("en")} tokens`,
    sections: {
      system: "The character",
      user: "You",
      knowledge: "Knowledge",
      examples: "Sample lines",
      instructions: "Guard rails",
      summary: "What happened before",
      history: "Earlier turns",
      note: "Author's note",
      prompt: "What is answered",
    },
    reply: "Kept free for the reply",
    free: "Free",
  },

  leftOut: {
    title: "Left out for want of room",
    history: (turns: number) => (turns === 1 ? "The oldest turn" : `The ${turns} oldest turns`),
    examples: (examples: number) => (examples === 1 ? "One sample exchange" : `${examples} sample exchanges`),
    sections: {
      user: "Who you are",
      summary: "What happened before",
      note: "The author's note",
      system: "A part of who the character is",
    },
  },

  thoughts: "What the model thought",
  prompt: {
    title: "The exact prompt",
    roles: { system: "System", user: "You", assistant: "The character" },
  },
};
