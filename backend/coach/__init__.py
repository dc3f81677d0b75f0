"""The coach's page: server-rendered, for phones too, no build step (`router.py`: its routes)."""
