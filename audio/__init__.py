"""What is said and how it sounds: phrases, voices, the clip store, the spoken utterance.

Synchronous and thread-safe; imports nothing of the project and uses no network when imported.
"""
