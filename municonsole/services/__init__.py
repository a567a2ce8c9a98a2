"""What a person can do. Polite before the law: checks first, so that a refusal is a sentence."""
