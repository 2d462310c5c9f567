"""Does a suite that `crossgate test --init` writes notice that its configuration was changed?"""
