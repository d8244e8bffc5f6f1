-- Waits for the finding of the open file, applies its preferred quick fix, saves, and prints the message of the finding.
local function fail(reason)
  io.stderr:write(reason .. "\n")
  vim.cmd("cquit 1")
end

if not vim.wait(30000, function() return #vim.diagnostic.get(0) > 0 end, 20) then
  return fail("no diagnostics came")
end
local found = vim.diagnostic.get(0)[1]
vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
local parameters = vim.lsp.util.make_range_params()
parameters.context = { diagnostics = {} }
local answers = vim.lsp.buf_request_sync(0, "textDocument/codeAction", parameters, 30000) or {}
for id, answer in pairs(answers) do
  for _, action in ipairs(answer.result or {}) do
    if action.isPreferred then
      vim.lsp.util.apply_workspace_edit(action.edit, vim.lsp.get_client_by_id(id).offset_encoding)
      vim.cmd("write")
      io.stdout:write(found.message .. "\n")
      return vim.cmd("qall")
    end
  end
end
fail("no quick fix is preferred")
