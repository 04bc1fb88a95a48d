"""The main screens: who opens them, where they are, and how to tell that they are there."""
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Screen:
    """One picture: the screen at ``path`` as ``login`` sees it.

    ``ready`` is a selector that is visible once the screen has its data; ``clicks`` are selectors
    clicked before the picture is taken.
    """

    name: str
    login: str
    path: str
    ready: str = '.o_action_manager .o_view_controller .o_content'
    clicks: tuple = field(default=())

    def open(self, page, url):
        page.goto(url + self.path)
        page.wait_for_selector(self.ready)
        for selector in self.clicks:
            page.click(selector)


SCREENS = ()
