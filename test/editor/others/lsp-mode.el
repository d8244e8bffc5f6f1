;;; Waits for the finding of the file in front, applies its preferred quick fix, saves, and prints the message.  -*- lexical-binding: t -*-
(defun until-some (ask)
  "The first value of ASK that is not nil; an error where there is none in thirty seconds."
  (let ((end (+ (float-time) 30)) (value nil))
    (while (and (null (setq value (funcall ask))) (< (float-time) end))
      (accept-process-output nil 0.05))
    (or value (error "Nothing came in time"))))

(defun check-in-lsp-mode ()
  "Does it in the current buffer, for which `lsp-deferred' was called."
  ;; It asks for the root, and waits until the buffer is shown, to a user who is not there.
  (setq lsp-auto-guess-root t lsp-enable-snippet nil lsp-restart 'ignore)
  (lsp)
  (let ((found (until-some (lambda () (car (gethash (lsp--fix-path-casing (buffer-file-name)) (lsp-diagnostics t)))))))
    (goto-char (lsp--position-to-point (lsp-get (lsp-get found :range) :start)))
    (let ((preferred (seq-find (lambda (action) (eq t (lsp-get action :isPreferred)))
                               (append (lsp-code-actions-at-point) nil))))
      (lsp--apply-workspace-edit (lsp-get preferred :edit))
      (save-buffer)
      (princ (concat (lsp-get found :message) "\n"))
      (lsp-workspace-shutdown (car (lsp-workspaces))))))
