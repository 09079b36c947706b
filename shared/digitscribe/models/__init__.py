"""The volume of models: versions on disk, the model server's configuration, promotion and rollback."""
