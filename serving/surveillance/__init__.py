"""The portfolio scored again and again: what changed, who is told, is the model still right?"""
