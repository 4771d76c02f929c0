"""La Chorrera, as a city import: the small one that the project carries, or a real one from a folder."""

from demonstration.city.folder import from_folder
from demonstration.city.small import small

__all__ = ["from_folder", "small"]
