"""The claims, by what they are about: each a sentence, and a function from what a scenario saw to a judgement."""
